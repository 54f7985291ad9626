import { Alert, Button } from 'antd';
import { Component, type ReactNode } from 'react';
import { useWords } from '../i18n/language.tsx';

function PageFailed() {
  const words = useWords();
  return (
    <Alert
      type="error"
      showIcon
      role="alert"
      title={words.failure.pageFailed}
      action={<Button onClick={() => window.location.reload()}>{words.failure.reload}</Button>}
    />
  );
}

/** Keeps a fault of one room in that room. */
export class PageGuard extends Component<{ children: ReactNode }, { failed: boolean }> {
  override state = { failed: false };

  static getDerivedStateFromError(): { failed: boolean } {
    return { failed: true };
  }

  override render(): ReactNode {
    return this.state.failed ? <PageFailed /> : this.props.children;
  }
}
