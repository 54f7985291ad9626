/** Where a message may go at all. Pure. */
import { BlockList, isIPv4, isIPv6 } from 'node:net';

/**
 * Addresses at which no receiver of notices can be: this network, link-local (where clouds keep their metadata), multicast
 * and reserved. Private networks are allowed, because a gateway of the customer is usually in one.
 */
const refused = new BlockList();
refused.addSubnet('0.0.0.0', 8, 'ipv4');
refused.addSubnet('169.254.0.0', 16, 'ipv4');
refused.addSubnet('224.0.0.0', 3, 'ipv4');
refused.addAddress('::', 'ipv6');
refused.addSubnet('fe80::', 10, 'ipv6');
refused.addSubnet('ff00::', 8, 'ipv6');
refused.addAddress('fd00:ec2::254', 'ipv6');

/** Whether an IP address is one of those; an IPv4 address inside an IPv6 one counts as what it is. */
export function addressRefused(address: string): boolean {
  if (isIPv4(address)) return refused.check(address, 'ipv4');
  return !isIPv6(address) || refused.check(address, 'ipv6');
}

/** An address of settings: http or https, with a host, without a user. Undefined for anything else. */
export function addressOfText(text: string): URL | undefined {
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  const plain = url.username === '' && url.password === '' && url.hash === '' && url.hostname !== '';
  return plain && (url.protocol === 'https:' || url.protocol === 'http:') ? url : undefined;
}
