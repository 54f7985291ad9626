/** IPv4 addresses as numbers: which may be searched, and how many there are. Pure. */

/** Both ends belong to it. */
export interface AddressRange {
  readonly from: string;
  readonly to: string;
}

const OCTETS = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/;

/** The address as a number, 0 to 2^32-1; undefined for anything that is no dotted IPv4 address. */
export function ipv4Of(text: string): number | undefined {
  const octets = OCTETS.exec(text)?.slice(1).map(Number);
  if (!octets || octets.some((octet) => octet > 255)) return undefined;
  return octets.reduce((sum, octet) => sum * 256 + octet, 0);
}

export const ipv4Text = (address: number): string =>
  [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join('.');

/** Networks that no router of the internet knows: private (RFC 1918), shared (RFC 6598), link-local and loopback. */
const localNetworks: ReadonlyArray<readonly [string, number]> = [
  ['10.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['100.64.0.0', 10],
  ['169.254.0.0', 16],
  ['127.0.0.0', 8],
];

/** Whether the address is one that only a network of one's own can have. */
export const isLocalIpv4 = (address: number): boolean =>
  localNetworks.some(([base, bits]) => {
    const size = 2 ** (32 - bits);
    return Math.floor(address / size) === Math.floor((ipv4Of(base) ?? -1) / size);
  });

/** How many addresses a range holds; undefined when an end is no local address, they are in different networks, or in the wrong order. */
export function sizeOfRange({ from, to }: AddressRange): number | undefined {
  const [first, last] = [ipv4Of(from), ipv4Of(to)];
  if (first === undefined || last === undefined || last < first) return undefined;
  if (!isLocalIpv4(first) || !isLocalIpv4(last) || last - first >= 2 ** 16) return undefined;
  return last - first + 1;
}

/** Every address of the ranges once, in order of the ranges. Ranges that are none are left out. */
export function* addressesIn(ranges: readonly AddressRange[]): Generator<string> {
  const seen = new Set<number>();
  for (const range of ranges) {
    const first = ipv4Of(range.from) ?? 0;
    const size = sizeOfRange(range) ?? 0;
    for (let address = first; address < first + size; address += 1) {
      if (seen.has(address)) continue;
      seen.add(address);
      yield ipv4Text(address);
    }
  }
}

/** The hosts of the /24 around an address. */
export function networkAround(address: string): AddressRange | undefined {
  const number = ipv4Of(address);
  if (number === undefined || !isLocalIpv4(number)) return undefined;
  const base = number - (number % 256);
  return { from: ipv4Text(base + 1), to: ipv4Text(base + 254) };
}

/**
 * What a person types: `192.168.1.20`, `192.168.1.20-60`, `192.168.1.20-192.168.1.60` or `192.168.1.0/24` (/22 to /32).
 * Undefined when it is none of these.
 */
export function rangeOf(text: string): AddressRange | undefined {
  const typed = text.replaceAll(/\s/g, '');
  const [, network = '', bits = ''] = /^([\d.]+)\/(\d{1,2})$/.exec(typed) ?? [];
  if (network !== '') {
    const address = ipv4Of(network);
    const width = Number(bits);
    if (address === undefined || width < 22 || width > 32) return undefined;
    const size = 2 ** (32 - width);
    const base = address - (address % size);
    const ends = size > 2 ? { from: ipv4Text(base + 1), to: ipv4Text(base + size - 2) } : undefined;
    return checked(ends ?? { from: ipv4Text(base), to: ipv4Text(base + size - 1) });
  }
  const [from = '', end = from] = typed.split(/[-–~]/);
  const to = /^\d{1,3}$/.test(end) ? `${from.slice(0, from.lastIndexOf('.'))}.${end}` : end;
  return checked({ from, to });
}

const checked = (range: AddressRange): AddressRange | undefined => (sizeOfRange(range) === undefined ? undefined : range);
