import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import { MessageLoop } from '@lumino/messaging';
import { Widget } from '@lumino/widgets';
import type { DrawMarkdown } from '../components/Markdown';

const MIME = 'text/markdown';
/** Words, lists, tables and code: no pictures, which a server elsewhere would hear of, and no styles of its own. */
const TAGS =
  'a b blockquote br code del em h1 h2 h3 h4 h5 h6 hr i li ol p pre s span strong sub sup table tbody td th thead tr ul'.split(
    ' '
  );

/** Draws with JupyterLab's own renderer and sanitizer. */
export function markdownDrawer(rendermime: IRenderMimeRegistry): DrawMarkdown {
  const { sanitizer } = rendermime;
  const strict = {
    sanitize: (dirty: string) =>
      sanitizer.sanitize(dirty, { allowedTags: TAGS, allowedAttributes: { a: ['href', 'title', 'rel'] } })
  };
  const own = rendermime.clone({ sanitizer: strict });
  return (place, text) => {
    const renderer = own.createRenderer(MIME);
    Widget.attach(renderer, place);
    void renderer.renderModel(own.createModel({ data: { [MIME]: text }, trusted: false }));
    return () => {
      if (!renderer.node.isConnected) {
        // the page is gone already, and a widget that stands nowhere cannot be detached
        MessageLoop.sendMessage(renderer, Widget.Msg.AfterDetach);
      }
      renderer.dispose();
    };
  };
}
