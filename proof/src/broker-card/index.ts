/** Every fact about a broker that the capability card names, in the order of its page. Pure: nothing runs. */
import { connecting } from './connecting.ts';
import { delivery } from './delivery.ts';
import type { Fact } from './fact.ts';
import { packets } from './packets.ts';
import { retained } from './retained.ts';
import { rules } from './rules.ts';
import { wills } from './wills.ts';

export const brokerFacts: readonly Fact[] = [...connecting, ...rules, ...delivery, ...retained, ...wills, ...packets];
