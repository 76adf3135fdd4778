import { TextDecoder, TextEncoder } from 'util';
import { anOutput } from '../../testing/pages';
import { contentOf, framed } from '../content';

/** The test's browser has none of its own. */
Object.assign(globalThis, { TextDecoder, TextEncoder });

const base64 = (text: string): string => Buffer.from(text, 'utf8').toString('base64');

describe('contentOf', () => {
  it('shows printed text as text, whatever it looks like', () => {
    expect(contentOf(anOutput({ mime: null, text: '<b>x</b>' }))).toEqual({ kind: 'text', text: '<b>x</b>' });
  });

  it('shows figures as pictures', () => {
    expect(contentOf(anOutput({ mime: 'image/png', text: null, data: 'AAAA' }))).toEqual({
      kind: 'image',
      url: 'data:image/png;base64,AAAA'
    });
  });

  it('shows SVG as a picture, never as elements of the page', () => {
    const svg = '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)">é</svg>';
    expect(contentOf(anOutput({ mime: 'image/svg+xml', text: svg }))).toEqual({
      kind: 'image',
      url: `data:image/svg+xml;base64,${base64(svg)}`
    });
  });

  it('shows HTML only as a page of its own, whether it came as text or as data', () => {
    const html = '<table><tr><td>é</td></tr></table>';
    const expected = { kind: 'html', page: framed(html), height: 72 };
    expect(contentOf(anOutput({ mime: 'text/html', text: html }))).toEqual(expected);
    expect(contentOf(anOutput({ mime: 'text/html', text: null, data: base64(html) }))).toEqual(expected);
  });

  it('lets a frame load nothing', () => {
    expect(framed('<b>x</b>')).toContain("default-src 'none'");
  });

  it('shows why something was not kept', () => {
    const cut = anOutput({ mime: 'text/html', text: '… not kept: over 1024 KiB', cut: true });
    expect(contentOf(cut)).toEqual({ kind: 'text', text: '… not kept: over 1024 KiB' });
    expect(contentOf(anOutput({ mime: 'image/png', text: null, data: null }))).toEqual({ kind: 'nothing' });
  });

  it('offers other data for download, as bytes that no browser shows', () => {
    expect(contentOf(anOutput({ mime: 'application/pdf', text: null, data: 'AAAA' }))).toEqual({
      kind: 'file',
      url: 'data:application/octet-stream;base64,AAAA',
      mime: 'application/pdf'
    });
  });

  it('decodes text that came as data, and survives what is none', () => {
    expect(contentOf(anOutput({ mime: 'text/latex', text: null, data: base64('$é$') }))).toEqual({
      kind: 'text',
      text: '$é$'
    });
    expect(contentOf(anOutput({ mime: 'text/latex', text: null, data: '%%%' }))).toEqual({
      kind: 'text',
      text: ''
    });
  });
});
