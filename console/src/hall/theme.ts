import {
  type CSSVariablesResolver,
  createTheme,
  Drawer,
  type MantineColorsTuple,
  Modal,
  Tooltip,
} from "@mantine/core";

/*
 * Two lives that cross: dusk (indigo-violet) and tide (teal), on warm neutrals. Dusk is for what can be acted upon, tide
 * for what is alive; green, amber and red only ever stand beside a word.
 */

const dusk: MantineColorsTuple = [
  "#f3f1fe",
  "#e4e0fc",
  "#c9c2f8",
  "#aca2f3",
  "#9488ec",
  "#7c6ee4",
  "#5f4dd0",
  "#5040b6",
  "#423698",
  "#342b78",
];
const tide: MantineColorsTuple = [
  "#e6f6f3",
  "#ccece7",
  "#9bd9d0",
  "#68c5b9",
  "#3fb1a4",
  "#22998c",
  "#0f766c",
  "#0b655c",
  "#08534c",
  "#053e39",
];
const gray: MantineColorsTuple = [
  "#faf9f7",
  "#f4f2ee",
  "#e9e6e0",
  "#dbd7cf",
  "#c4bfb5",
  "#9b958a",
  "#6b665d",
  "#544f48",
  "#3a3631",
  "#23201d",
];
const dark: MantineColorsTuple = [
  "#e2ded8",
  "#b9b4ac",
  "#9d978e",
  "#6f6961",
  "#47433d",
  "#36332e",
  "#2a2724",
  "#1e1c1a",
  "#171614",
  "#100f0e",
];

const red: MantineColorsTuple = [
  "#fcebe8",
  "#f8d5d0",
  "#f0aaa2",
  "#e77f74",
  "#dc5b4f",
  "#cb4136",
  "#b8322a",
  "#9b2922",
  "#7d211c",
  "#5f1915",
];

export const theme = createTheme({
  colors: { dusk, tide, gray, dark, red },
  primaryColor: "dusk",
  primaryShade: { light: 6, dark: 5 },
  autoContrast: true,
  defaultRadius: "md",
  cursorType: "pointer",
  fontFamily: 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", sans-serif',
  fontFamilyMonospace:
    'ui-monospace, "SF Mono", "Cascadia Code", Menlo, Consolas, "DejaVu Sans Mono", monospace',
  fontSizes: { xs: "12px", sm: "13px", md: "14px", lg: "16px", xl: "20px" },
  headings: { fontWeight: "620" },
  components: {
    Modal: Modal.extend({ defaultProps: { centered: true, overlayProps: { backgroundOpacity: 0.4 } } }),
    Drawer: Drawer.extend({
      defaultProps: { position: "right", size: 520, overlayProps: { backgroundOpacity: 0.28 } },
    }),
    Tooltip: Tooltip.extend({ defaultProps: { openDelay: 250, withArrow: true } }),
  },
});

/** Mantine's own greys, made warm, and the body made the house's ground. */
export const cssVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    "--mantine-color-body": "#ffffff",
    "--mantine-color-text": "#23201d",
    "--mantine-color-dimmed": "#6b665d",
    "--mantine-color-default-border": "#d6d1c8",
    "--mantine-color-placeholder": "#857f75",
  },
  dark: {
    "--mantine-color-body": "#1e1c1a",
    "--mantine-color-text": "#ece8e2",
    "--mantine-color-dimmed": "#a39d94",
    "--mantine-color-default": "#262421",
    "--mantine-color-default-hover": "#2f2c29",
    "--mantine-color-default-border": "#3b3833",
    "--mantine-color-placeholder": "#8d877e",
  },
});
