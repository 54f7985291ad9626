import type { ReactNode } from 'react';

/** A word with a shape before it; coloured only when it is not as it should be. */
export function Mark({ good, quietWhenGood = false, children }: { good: boolean; quietWhenGood?: boolean; children: ReactNode }) {
  if (good) {
    return (
      <span className="mark">
        {!quietWhenGood && <span aria-hidden className="dot" />}
        {children}
      </span>
    );
  }
  return (
    <span className="mark cause">
      <span aria-hidden>△ </span>
      {children}
    </span>
  );
}
