/** Who may do what. The table is tested against every route: role × endpoint. */
export const roles = ['manager', 'operator', 'editor', 'reviewer', 'security', 'staff', 'auditor', 'administrator'] as const;
export type Role = (typeof roles)[number];

export const permissions = {
  'hall.view': ['manager', 'operator', 'editor', 'reviewer', 'security', 'staff', 'auditor', 'administrator'],
  'device.view': ['manager', 'operator', 'security', 'auditor', 'administrator'],
  'device.command': ['manager', 'operator', 'administrator'],
  'alarm.act': ['manager', 'operator', 'administrator'],
  'device.trace': ['operator', 'administrator'],
  'event.view': ['manager', 'operator', 'auditor', 'administrator'],
  'content.view': ['manager', 'operator', 'editor', 'reviewer', 'auditor', 'administrator'],
  'content.edit': ['manager', 'administrator'],
  'notice.edit': ['manager', 'administrator'],
  'work_order.act': ['manager', 'operator', 'administrator'],
  'quarantine.replay': ['administrator'],
  'agent.admit': ['administrator'],
  'people.manage': ['administrator'],
  'audit.view': ['auditor', 'administrator'],
  'own.session': ['manager', 'operator', 'editor', 'reviewer', 'security', 'staff', 'auditor', 'administrator'],
} as const satisfies Record<string, readonly Role[]>;
export type Permission = keyof typeof permissions;

/** Whether any of the roles carries the permission. */
export const allows = (held: readonly string[], permission: Permission): boolean =>
  held.some((role) => (permissions[permission] as readonly string[]).includes(role));
