import { Spin } from 'antd';
import { useWords } from '../i18n/language.tsx';

/** In the place of what is being read; told to who does not see it. `page`: in the place of a whole page. */
export function Loading({ page = false }: { readonly page?: boolean }) {
  const words = useWords();
  return (
    <div role="status" aria-label={words.common.loading}>
      <Spin className={page ? 'page-spin' : ''} />
    </div>
  );
}
