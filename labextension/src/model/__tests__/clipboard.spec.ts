import { copyText } from '../clipboard';

describe('copyText', () => {
  const before = Object.getOwnPropertyDescriptor(navigator, 'clipboard');
  const command = document.execCommand;

  const setClipboard = (writeText: ((text: string) => Promise<void>) | undefined): void => {
    Object.defineProperty(navigator, 'clipboard', {
      configurable: true,
      value: writeText && { writeText }
    });
  };

  afterEach(() => {
    Object.defineProperty(navigator, 'clipboard', before ?? { configurable: true, value: undefined });
    document.execCommand = command;
    document.body.replaceChildren();
  });

  it('writes to the clipboard', async () => {
    const written: string[] = [];
    setClipboard(async text => void written.push(text));
    expect(await copyText('0.99312')).toBe(true);
    expect(written).toEqual(['0.99312']);
  });

  it('copies a selection on a page without https, and gives the focus back', async () => {
    setClipboard(undefined);
    const copied: string[] = [];
    document.execCommand = () => {
      copied.push((document.activeElement as HTMLTextAreaElement).value);
      return true;
    };
    const button = document.createElement('button');
    document.body.append(button);
    button.focus();
    expect(await copyText('text')).toBe(true);
    expect(copied).toEqual(['text']);
    expect(document.activeElement).toBe(button);
    expect(document.querySelector('textarea')).toBeNull();
  });

  it('says when the browser refuses', async () => {
    setClipboard(() => Promise.reject(new Error('denied')));
    document.execCommand = () => false;
    expect(await copyText('text')).toBe(false);
  });
});
