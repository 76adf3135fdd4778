import '../../testing/browser';
import { Notification } from '@jupyterlab/apputils';
import { fireEvent, waitFor } from '@testing-library/dom';
import { ApiError } from '../../api/request';
import { HOSTILE, trans } from '../../testing/pages';
import { sayError } from '../notify';

type Said = Parameters<typeof Notification.error>;

describe('an error that is said', () => {
  const said = jest.spyOn(Notification, 'error').mockReturnValue('id');

  beforeEach(() => said.mockClear());
  afterAll(() => said.mockRestore());

  const say = (error: unknown): Said => {
    sayError(error, trans);
    expect(said).toHaveBeenCalledTimes(1);
    return said.mock.calls[0];
  };

  it.each([
    [new ApiError(503, 'store', 'MLflow is away.', 'Try later.'), 'MLflow is away. Try later.'],
    [new ApiError(500, 'bug', 'It failed.', ''), 'It failed.'],
    [new Error('plain'), 'plain'],
    ['only words', 'only words'],
    [undefined, 'undefined']
  ])('stands long enough to be read: %p', (error, text) => {
    expect(say(error)).toEqual([text, { autoClose: 30_000, actions: [] }]);
  });

  it('cannot forge, move or hide anything', () => {
    const [text] = say(new Error('a\u202eb\0c\n**d**'));
    expect(text).toBe('a\\u202eb\\x00c⏎**d**');
  });

  it('is cut to what a notification shows, and shown whole when that is asked for', async () => {
    const [text, options] = say(new ApiError(409, 'refused', HOSTILE, 'Name it otherwise.'));
    expect([...text]).toHaveLength(140);
    expect(text.endsWith('x…')).toBe(true);
    const [action] = options?.actions ?? [];
    expect(action.label).toBe('Show all');
    action.callback(new MouseEvent('click'));
    const dialog = await waitFor(() => {
      const found = document.querySelector('.jp-Dialog');
      expect(found).not.toBeNull();
      return found as HTMLElement;
    });
    const [message, next] = Array.from(dialog.querySelectorAll('p'), one => one.textContent ?? '');
    expect(message.startsWith('<img src=x onerror="window.hacked=true">\\u202e\\x00 🧬 xxx')).toBe(true);
    expect(message.length).toBeLessThan(5100);
    expect(next).toBe('Name it otherwise.');
    expect(dialog.querySelector('img')).toBeNull();
    fireEvent.click(dialog.querySelector('button') as HTMLElement);
    await waitFor(() => expect(document.querySelector('.jp-Dialog')).toBeNull());
  });
});
