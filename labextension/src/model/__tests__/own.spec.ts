import { own } from '../own';

describe('own', () => {
  it('finds what is there', () => {
    expect(own({ auc: 0 }, 'auc')).toBe(0);
    expect(own(JSON.parse('{"constructor": 1, "__proto__": 2}'), 'constructor')).toBe(1);
    expect(own(JSON.parse('{"constructor": 1, "__proto__": 2}'), '__proto__')).toBe(2);
  });

  it.each(['constructor', 'toString', '__proto__', 'auc'])('finds no %s where there is none', name => {
    expect(own({}, name)).toBeUndefined();
    expect(own(null, name)).toBeUndefined();
    expect(own(undefined, name)).toBeUndefined();
  });
});
