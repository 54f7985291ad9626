import { HallError, type MachineTime } from '@hall/contracts';

const MOST_ADDRESSES = 10_000;

/**
 * A token bucket per client address: `burst` tries at once, one more every `everyMs` of machine time.
 * The returned function throws RATE_LIMITED when the bucket is empty.
 */
export function limitByAddress(
  time: MachineTime,
  { burst, everyMs }: { burst: number; everyMs: number },
): (address: string) => void {
  const buckets = new Map<string, { left: number; atMs: number }>();
  return (address) => {
    const nowMs = time.nowMs();
    const bucket = buckets.get(address) ?? { left: burst, atMs: nowMs };
    const left = Math.min(burst, bucket.left + (nowMs - bucket.atMs) / everyMs);
    if (left < 1) throw new HallError('RATE_LIMITED', { retryAfterS: Math.ceil(((1 - left) * everyMs) / 1000) });
    // Re-inserted so that the map is ordered by use and the longest unused goes first.
    buckets.delete(address);
    buckets.set(address, { left: left - 1, atMs: nowMs });
    const oldest = buckets.size > MOST_ADDRESSES ? buckets.keys().next().value : undefined;
    if (oldest !== undefined) buckets.delete(oldest);
  };
}
