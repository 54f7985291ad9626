import type { ThemeConfig } from 'antd';

/** Grey by default, one blue for what can be pressed; colours of state are dark enough for 4.5:1 on their backgrounds. */
export const theme: ThemeConfig = {
  token: {
    fontFamily: 'inherit',
    fontFamilyCode: 'inherit',
    colorPrimary: '#0958d9',
    colorPrimaryHover: '#003eb3',
    colorPrimaryActive: '#002c8c',
    colorLink: '#0958d9',
    colorLinkHover: '#003eb3',
    colorLinkActive: '#002c8c',
    colorSuccess: '#237804',
    colorSuccessBg: '#f6ffed',
    colorWarning: '#8a5200',
    colorWarningBg: '#fff7e6',
    colorError: '#a8071a',
    colorErrorBg: '#fff1f0',
    colorTextPlaceholder: '#6b6b6b',
    colorTextDescription: '#595959',
    colorTextTertiary: '#595959',
    colorTextSecondary: '#434a52',
    colorTextDisabled: '#6b6b6b',
    colorText: '#1d2329',
    colorBorder: '#8c959f',
    colorBorderSecondary: '#d8dde3',
    colorBgLayout: '#f3f4f6',
    borderRadius: 4,
    controlHeight: 34,
    motion: false,
  },
  components: {
    Table: { headerBg: '#f3f4f6', cellPaddingBlock: 9, cellPaddingInline: 12 },
    Tabs: { horizontalMargin: '0 0 12px 0' },
    Tag: { defaultColor: '#1d2329' },
  },
};
