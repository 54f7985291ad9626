const browsers = [
  ['Edg/', 'Edge'],
  ['QQBrowser/', 'QQ 浏览器'],
  ['Chrome/', 'Chrome'],
  ['Firefox/', 'Firefox'],
  ['Safari/', 'Safari'],
] as const;
const systems = [
  ['Windows', 'Windows'],
  ['Android', 'Android'],
  ['iPhone', 'iOS'],
  ['Mac OS', 'macOS'],
  ['Linux', 'Linux'],
] as const;

/** `Chrome · Linux` from a user agent; the first 40 characters of anything else. */
export function browserName(agent: string): string {
  const browser = browsers.find(([mark]) => agent.includes(mark))?.[1];
  const system = systems.find(([mark]) => agent.includes(mark))?.[1];
  return browser && system ? `${browser} · ${system}` : (browser ?? (agent.slice(0, 40) || '—'));
}
