/** Where KaTeX's style sheet lies under static/dist; build.mjs puts it in. */
declare const KATEX_STYLES: string;
