import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';
import type { Comparison } from '../../api/wire';
import type { IColumn } from '../../model/columns';
import { axisColumns, labelsOf } from '../../model/columns';
import { shortName } from '../../model/name';
import { Legend } from '../charts/frame';
import { Parallel } from '../charts/Parallel';
import { ColumnChoice, Scatter } from '../charts/Scatter';
import { Empty } from '../Notice';

interface IPlotsProps {
  comparison: Comparison;
  onOpenRun: (id: string) => void;
  trans: TranslationBundle;
}

/** The most parameters drawn as axes: more cannot be read. */
const MOST_AXES = 12;

/** Parameters to metric, and any two columns against each other. */
export function Plots(props: IPlotsProps): React.ReactElement {
  const { comparison, onOpenRun, trans } = props;
  const columns = React.useMemo(() => axisColumns(comparison), [comparison]);
  const metrics = columns.filter(column => column.section === 'metrics');
  const params = columns.filter(column => column.section !== 'metrics' && column.differs);
  const [chosen, setChosen] = React.useState('');
  const labels = React.useMemo(
    () => labelsOf(comparison.runs).map(name => shortName(name, 60)),
    [comparison]
  );
  const metric: IColumn | undefined = metrics.find(column => column.id === chosen) ?? metrics[0];
  const onOpen = (index: number): void => onOpenRun(comparison.runs[index].record_id);
  if (columns.length === 0) {
    return <Empty>{trans.__('The runs have no parameters or metrics to plot.')}</Empty>;
  }
  return (
    <>
      <Legend
        entries={labels.map((label, style) => ({
          id: String(style),
          label: `${style + 1}  ${label}`,
          style
        }))}
      />
      <h3>{trans.__('Parameters and a metric')}</h3>
      {metric === undefined || params.length === 0 ? (
        <Empty>{trans.__('This plot needs a metric and a parameter that differs between runs.')}</Empty>
      ) : (
        <>
          <div className="bioml-Choices">
            <ColumnChoice
              label={trans.__('Metric')}
              columns={metrics}
              value={metric.id}
              onChange={setChosen}
            />
            {params.length > MOST_AXES && (
              <span className="bioml-soft">
                {trans.__('%1 of %2 parameters are plotted', MOST_AXES, params.length)}
              </span>
            )}
          </div>
          <Parallel
            labels={labels}
            columns={[...params.slice(0, MOST_AXES), metric]}
            onOpen={onOpen}
            trans={trans}
          />
        </>
      )}
      <h3>{trans.__('Scatter plot')}</h3>
      <Scatter
        labels={labels}
        columns={columns}
        initialX={(params[0] ?? columns[0]).id}
        initialY={(metric ?? columns[0]).id}
        onOpen={onOpen}
        trans={trans}
      />
    </>
  );
}
