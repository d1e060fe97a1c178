// Theme of the console: antd's tokens, chosen for a text contrast of at least 4.5 to 1 in both schemes.
// Tokens missing here keep antd's default.

import { theme as antd, type ThemeConfig } from 'antd'

const font =
  '"Inter", "Segoe UI", system-ui, -apple-system, "PingFang SC", "Microsoft YaHei", ' +
  '"Noto Sans CJK SC", "Noto Sans SC", sans-serif'
export const mono = 'ui-monospace, "SF Mono", "Cascadia Mono", "DejaVu Sans Mono", Menlo, monospace'

const still = window.matchMedia('(prefers-reduced-motion: reduce)')

export function consoleTheme(dark: boolean): ThemeConfig {
  return {
    algorithm: dark ? antd.darkAlgorithm : antd.defaultAlgorithm,
    token: {
      fontFamily: font,
      fontFamilyCode: mono,
      fontSize: 14,
      borderRadius: 6,
      motion: !still.matches,
      colorPrimary: dark ? '#3c89e8' : '#0b57c2',
      colorInfo: dark ? '#3c89e8' : '#0b57c2',
      colorLink: dark ? '#7db4ff' : '#0b57c2',
      colorSuccess: dark ? '#49aa19' : '#237804',
      colorWarning: dark ? '#d89614' : '#ad6800',
      colorError: dark ? '#ff7875' : '#cf1322',
      // antd derives muddy tints from the dark tones that the contrast requires, so the tints are set here.
      ...(dark
        ? {
            colorSuccessBg: '#18290f',
            colorSuccessBorder: '#2f5a1c',
            colorWarningBg: '#2f2410',
            colorWarningBorder: '#614a1d',
            colorErrorBg: '#34191a',
            colorErrorBorder: '#6b3234',
            colorInfoBg: '#16263d',
            colorInfoBorder: '#2b4a75',
            colorBgLayout: '#0f1419',
            colorBgContainer: '#171d24',
            colorBgElevated: '#1f2630',
            colorTextSecondary: '#b4bdc8',
            colorTextTertiary: '#97a3b0',
            colorTextDescription: '#a3aebb',
            colorTextPlaceholder: '#8b97a5',
            colorTextQuaternary: '#8793a1',
            colorBorderSecondary: '#29323d',
          }
        : {
            colorSuccessBg: '#edf8e6',
            colorSuccessBorder: '#a9d68c',
            colorWarningBg: '#fff7e0',
            colorWarningBorder: '#ecc96b',
            colorErrorBg: '#fdeeee',
            colorErrorBorder: '#efb0b0',
            colorInfoBg: '#eaf2fd',
            colorInfoBorder: '#a9c8f2',
            colorBgLayout: '#f4f6f9',
            colorTextSecondary: '#4b5563',
            colorTextTertiary: '#5c6672',
            colorTextDescription: '#5c6672',
            colorTextPlaceholder: '#6b7480',
            colorTextQuaternary: '#6b7480',
            colorBorderSecondary: '#e6eaef',
          }),
    },
    components: {
      Table: {
        headerBg: dark ? '#1c232c' : '#f7f9fb',
        headerColor: dark ? '#b4bdc8' : '#4b5563',
        rowHoverBg: dark ? '#1d2631' : '#f3f8ff',
        headerSplitColor: 'transparent',
        cellPaddingBlockSM: 9,
        cellPaddingInlineSM: 12,
      },
      Menu: {
        itemBorderRadius: 6,
        itemHeight: 38,
        activeBarBorderWidth: 0,
        itemBg: 'transparent',
        subMenuItemBg: 'transparent',
        groupTitleColor: dark ? '#97a3b0' : '#5c6672',
      },
      Layout: { siderBg: dark ? '#141a21' : '#ffffff', headerBg: dark ? '#141a21' : '#ffffff' },
      Segmented: { trackBg: dark ? '#0b1015' : '#e4e9f0' },
      // White on the dark scheme's red would have too little contrast.
      Button: dark ? { dangerColor: '#1a0505' } : {},
      Card: { headerFontSize: 15 },
      Statistic: { contentFontSize: 26 },
    },
  }
}
