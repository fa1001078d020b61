/** How every bench tells its figures: a table for people, and one line for programs. */

export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** The named peer or limit measured in the same run. */
  readonly against?: string;
  /** Value over the peer's value. */
  readonly ratio?: number;
  readonly target: string;
  readonly met: boolean;
}

export function printResult(bench: string, figures: readonly Figure[]): void {
  console.table(
    figures.map(({ name, value, unit, against, ratio, target, met }) => ({
      figure: name,
      value: `${Number(value.toPrecision(4))} ${unit}`,
      against: against ?? '',
      ratio: ratio === undefined ? '' : ratio.toFixed(2),
      target,
      met: met ? 'yes' : 'NO',
    })),
  );
  console.log(`RESULT ${JSON.stringify({ bench, figures })}`);
}
