import type { Address } from '../address';
import { distinct, formatAddress, MOST_COMPARED, pageName, parseAddress, withoutAddress } from '../address';

const search = (address: Address): string => new URL(formatAddress('http://host/base/', address)).search;

describe('address', () => {
  it.each<Address>([
    { kind: 'run', id: 'abc', path: 'sub folder/ä & b?.ipynb' },
    { kind: 'run', id: 'abc', path: '' },
    { kind: 'compare', ids: ['a', 'b', 'c'], path: 'x.ipynb' }
  ])('comes back from its own text: %j', address => {
    expect(parseAddress(search(address))).toEqual(address);
  });

  it('is below the base URL', () => {
    expect(formatAddress('http://host/user/ada/', { kind: 'run', id: 'abc', path: '' })).toBe(
      'http://host/user/ada/lab?bioml-run=abc'
    );
  });

  it.each(['', '?reset', '?bioml-run=', '?bioml-compare=one', '?bioml-compare=one,one'])(
    '%j names no page',
    text => {
      expect(parseAddress(text)).toBeNull();
    }
  );

  it('compares no more runs than the server does', () => {
    const ids = Array.from({ length: 30 }, (_, index) => `r${index}`);
    expect(parseAddress(`?bioml-compare=${ids.join(',')}`)).toMatchObject({
      ids: ids.slice(0, MOST_COMPARED)
    });
  });

  it('leaves the rest of a query alone', () => {
    expect(withoutAddress('?bioml-run=a&factory=Editor&bioml-path=b')).toBe('?factory=Editor');
    expect(withoutAddress('?bioml-compare=a,b')).toBe('');
  });
});

it('pages of other runs, paths or orders have other names', () => {
  const names = [
    pageName({ kind: 'run', id: 'a', path: 'x' }),
    pageName({ kind: 'run', id: 'a', path: 'y' }),
    pageName({ kind: 'compare', ids: ['a', 'b'], path: 'x' }),
    pageName({ kind: 'compare', ids: ['b', 'a'], path: 'x' })
  ];
  expect(distinct(names)).toEqual(names);
});
