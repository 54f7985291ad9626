import type { WindowState } from '@hall/contracts';
import type { ReactNode } from 'react';
import { useWords } from '../i18n/language.tsx';

/** The shapes of the strips: ○ free, ● serving, ▲ paused, ■ closed, ※ fault, ◇ no data. */
const shapes: Readonly<Record<WindowState, ReactNode>> = {
  open: <circle cx="8" cy="8" r="5.5" fill="none" stroke="currentColor" strokeWidth="2" />,
  serving: <circle cx="8" cy="8" r="6.5" fill="currentColor" />,
  paused: <path d="M8 1.8 15 14.2H1z" fill="currentColor" />,
  closed: <path d="M2.5 2.5h11v11h-11z" fill="currentColor" />,
  fault: <path d="m3 3 10 10M13 3 3 13M8 1.2v2.6M8 12.2v2.6M1.2 8h2.6M12.2 8h2.6" stroke="currentColor" strokeWidth="2" />,
  no_data: <path d="m8 1.5 6.5 6.5L8 14.5 1.5 8z" fill="none" stroke="currentColor" strokeWidth="1.8" strokeDasharray="3 1.6" />,
};

/** A state by shape and word; colour is added only by what surrounds it. */
export function StateMark({ state }: { state: WindowState }) {
  const words = useWords();
  return (
    <span className="state">
      <svg viewBox="0 0 16 16" width="12" height="12" aria-hidden>
        {shapes[state]}
      </svg>
      {words.state[state]}
    </span>
  );
}
