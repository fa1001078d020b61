/**
 * Cells that a spreadsheet cannot take for formulas. What begins with one of `= + - @`, a tab or a line end is run or misread there, and numbers
 * do begin with a plus; an apostrophe before it makes it a text. The same behind anything that a spreadsheet set to another language may take for the end of
 * a cell, with quotes between. Taking the apostrophe off again gives the same text for every text.
 */
const FORMULA = /(^|[;,\t\r\n|])(["']*)(?=[=+\-@＝＋－＠])/g;
const PROTECTED = /(^|[;,\t\r\n|])(["']*)'(?=[=+\-@＝＋－＠])/g;
const BREAK = /^('*)(?=[\t\r\n])/;
const PROTECTED_BREAK = /^('*)'(?=[\t\r\n])/;

export function protectCell(text: string): string {
  return text.replace(FORMULA, `$1$2'`).replace(BREAK, `$1'`);
}

/** What {@link protectCell} made of a text, undone; nothing else is changed. */
export function unprotectCell(text: string): string {
  return text.replace(PROTECTED_BREAK, '$1').replace(PROTECTED, '$1$2');
}
