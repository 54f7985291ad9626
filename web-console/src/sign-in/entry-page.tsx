import type { ReactNode } from 'react';
import { useLanguage } from '../i18n/language.tsx';
import { LanguageButton } from '../shell/language-button.tsx';

/** The quiet card that every page before the rooms is. */
export function EntryPage({ title, help, children }: { title: string; help?: string; children: ReactNode }) {
  const { words } = useLanguage();
  return (
    <div className="entry">
      <header className="entry-head">
        <span className="entry-product">{words.common.product}</span>
        <LanguageButton />
      </header>
      <main className="entry-card">
        <h1>{title}</h1>
        {help && <p className="help">{help}</p>}
        {children}
      </main>
    </div>
  );
}
