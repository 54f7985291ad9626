import { Button } from 'antd';
import { useLanguage } from '../i18n/language.tsx';

/** Switches between Chinese and English; written in the language it leads to. */
export function LanguageButton() {
  const { language, setLanguage, words } = useLanguage();
  const other = language === 'zh' ? 'en' : 'zh';
  return (
    <Button type="text" lang={other === 'zh' ? 'zh-CN' : 'en'} onClick={() => setLanguage(other)} data-testid="language">
      {words.shell.language}
    </Button>
  );
}
