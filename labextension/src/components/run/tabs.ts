import { codeTab } from './Code';
import { curvesTab } from './Curves';
import { dataTab } from './Data';
import { environmentTab } from './Environment';
import { filesTab } from './Files';
import { lineageTab } from './Lineage';
import { outputsTab } from './Outputs';
import { overviewTab } from './Overview';
import { reportsTab } from './Reports';
import { resourcesTab } from './ResourcesView';
import { runsInTab } from './RunsIn';
import type { IRunTab } from './tab';

/** The tabs that every installation has; each says in its own file what it needs and shows. */
export const RUN_TABS: readonly IRunTab[] = [
  overviewTab,
  runsInTab,
  curvesTab,
  codeTab,
  dataTab,
  environmentTab,
  resourcesTab,
  outputsTab,
  reportsTab,
  filesTab,
  lineageTab
];
