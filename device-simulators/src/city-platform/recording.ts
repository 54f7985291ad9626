import type { TimedEvent } from './events.ts';

/** One event per line: `{"atHallMs":…,"event":{…}}`. */
export const toRecording = (events: Iterable<TimedEvent>): string => {
  let text = '';
  for (const item of events) text += `${JSON.stringify(item)}\n`;
  return text;
};

/** Reads a recording; throws a RangeError that names the line which is not one of ours. */
export function fromRecording(text: string): TimedEvent[] {
  return text.split('\n').flatMap((line, at) => {
    if (line.trim() === '') return [];
    let item: unknown;
    try {
      item = JSON.parse(line);
    } catch (cause) {
      throw new RangeError(`line ${at + 1} is not JSON`, { cause });
    }
    if (!isTimedEvent(item)) throw new RangeError(`line ${at + 1} is not a recorded event`);
    return [item];
  });
}

/** Enough to play it; whether the event itself is right is for the receiver to say. */
function isTimedEvent(item: unknown): item is TimedEvent {
  return (
    typeof item === 'object' &&
    item !== null &&
    'atHallMs' in item &&
    typeof item.atHallMs === 'number' &&
    'event' in item &&
    typeof item.event === 'object' &&
    item.event !== null
  );
}
