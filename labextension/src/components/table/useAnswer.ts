import React from 'react';
import type { TableValues } from '../../api/wire';
import type { TableModel } from '../../model/table/tablemodel';

/**
 * Whole columns of the runs that are listed, read again when other runs are, and when the server answers again.
 *
 * @param columns - ids of the columns, the same ones in every call but for a choice.
 * @returns what was read last, with the columns it was asked by; and why the last reading failed, where the table does
 * not say so itself.
 */
export function useAnswer(
  model: TableModel,
  columns: readonly string[]
): [{ asked: readonly string[]; values: TableValues } | null, Error | null] {
  const [answer, setAnswer] = React.useState<{ asked: readonly string[]; values: TableValues } | null>(null);
  const [error, setError] = React.useState<Error | null>(null);
  const isThere = model.error === null;
  React.useEffect(() => {
    let isLast = true;
    model.values(columns).then(
      values => {
        if (isLast) {
          setAnswer({ asked: columns, values });
          setError(null);
        }
      },
      failed => isLast && setError(failed instanceof Error ? failed : new Error(String(failed)))
    );
    return () => {
      isLast = false;
    };
  }, [model, model.generation, model.total, isThere, columns.join('\n')]);
  return [answer, isThere ? error : null];
}
