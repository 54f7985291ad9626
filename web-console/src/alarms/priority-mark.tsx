import { useWords } from '../i18n/language.tsx';

const shapes: Readonly<Record<number, string>> = { 1: '▲', 2: '△', 3: '○' };

/** How urgent, by shape and word; colour only for what is urgent or high. */
export function PriorityMark({ priority, active }: { priority: number; active: boolean }) {
  const words = useWords();
  const tone = !active ? 'quiet' : priority === 1 ? 'urgent' : priority === 2 ? 'cause' : '';
  return (
    <span className={`mark ${tone}`}>
      <span aria-hidden>{shapes[priority]} </span>
      {words.alarms.priority[priority]}
    </span>
  );
}
