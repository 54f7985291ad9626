import { createContext, useContext, useEffect, useMemo, useState, type ReactNode } from 'react';
import { en } from './en.ts';
import { zh, type Dictionary } from './zh.ts';

export type Language = 'zh' | 'en';
/** Every language of the console; a missing word is a type error. */
export const dictionaries: Readonly<Record<Language, Dictionary>> = { zh, en };
/** BCP 47 tags, for `Intl` and the `lang` attribute. */
export const tags: Readonly<Record<Language, string>> = { zh: 'zh-CN', en: 'en' };

interface LanguageChoice {
  readonly language: Language;
  readonly words: Dictionary;
  readonly setLanguage: (language: Language) => void;
}
const LanguageContext = createContext<LanguageChoice>({ language: 'zh', words: zh, setLanguage: () => {} });
const KEY = 'hall.language';

/** The choice kept in this browser; Chinese unless English was chosen. */
const remembered = (): Language => {
  try {
    return localStorage.getItem(KEY) === 'en' ? 'en' : 'zh';
  } catch {
    return 'zh';
  }
};

/** Holds the chosen language, remembers it in this browser and tells the document. */
export function LanguageProvider({ children }: { children: ReactNode }) {
  const [language, setLanguage] = useState<Language>(remembered);
  useEffect(() => {
    document.documentElement.lang = tags[language];
    document.title = dictionaries[language].common.product;
    try {
      localStorage.setItem(KEY, language);
    } catch {
      // A browser without storage asks again next time.
    }
  }, [language]);
  const choice = useMemo(() => ({ language, words: dictionaries[language], setLanguage }), [language]);
  return <LanguageContext value={choice}>{children}</LanguageContext>;
}

/** The words of the chosen language. */
export const useWords = (): Dictionary => useContext(LanguageContext).words;
export const useLanguage = (): LanguageChoice => useContext(LanguageContext);

/** A name in the chosen language; English falls back to Chinese where no English was given. */
export const named = (thing: { zh: string; en?: string | undefined }, language: Language): string =>
  language === 'en' ? (thing.en ?? thing.zh) : thing.zh;
