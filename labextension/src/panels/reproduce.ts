import type { IReproduce } from '../components/Reproduction';
import type { NamedRun } from '../model/jobs';
import type { IReproductions, IRunPages } from '../tokens';

/** What a panel shows and asks of one run's reproduction. */
export function reproduceOf(
  run: NamedRun,
  path: string,
  reproductions: IReproductions,
  pages: IRunPages | null
): IReproduce {
  return {
    now: reproductions.of(run),
    onStart: () => void reproductions.start(run, path),
    onCancel: () => void reproductions.cancel(run),
    onHide: () => reproductions.hide(run),
    onOpenRun: pages && (id => pages.openRun(id, path)),
    onCompare: pages && (id => pages.openComparison([run.record_id, id], path))
  };
}
