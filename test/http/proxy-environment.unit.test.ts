import { describe, expect, it } from '@jest/globals';
import { proxyFor, proxyUrlFor, wayTo } from '../../src/http/proxy-environment.js';

const MARKETO = 'https://123-abc-456.mktorest.com/rest/v1';
const PROXY = { HTTPS_PROXY: 'http://proxy.example.com:3128' };

describe('the proxy of a URL', () => {
  it.each<[string, Record<string, string>, string, string | undefined]>([
    ['is none where none is set', {}, MARKETO, undefined],
    ['is none where it is set to nothing', { HTTPS_PROXY: ' ' }, MARKETO, undefined],
    ['is that of its scheme', { ...PROXY, HTTP_PROXY: 'http://other:1' }, MARKETO, 'http://proxy.example.com:3128/'],
    ['is that of its scheme', { ...PROXY, HTTP_PROXY: 'http://other:1' }, 'http://a.example.com', 'http://other:1/'],
    ['is none where only the other scheme has one', PROXY, 'http://a.example.com', undefined],
    ['may be named in small letters', { https_proxy: 'http://small:1' }, MARKETO, 'http://small:1/'],
    ['in small letters goes first', { ...PROXY, https_proxy: 'http://small:1' }, MARKETO, 'http://small:1/'],
    ['may be spoken to over TLS', { HTTPS_PROXY: 'https://proxy' }, MARKETO, 'https://proxy/'],
    ['may be named without a scheme', { HTTPS_PROXY: 'proxy:8080' }, MARKETO, 'http://proxy:8080/'],
    ['keeps its credentials', { HTTPS_PROXY: 'http://me:pa%40ss@proxy' }, MARKETO, 'http://me:pa%40ss@proxy/'],
    ['is none on loopback', PROXY, 'https://127.0.0.1:8333', undefined],
    ['is none on loopback', PROXY, 'https://localhost:8333', undefined],
    ['is none on loopback', PROXY, 'https://[::1]:8333', undefined],
  ])('%s: %j %s', (_, env, url, proxy) => {
    expect(proxyUrlFor(url, env)).toBe(proxy);
  });

  it.each([
    ['mktorest.com', true],
    ['.mktorest.com', true],
    ['*.mktorest.com', true],
    ['MKTOREST.COM', true],
    ['123-ABC-456.mktorest.com', true],
    ['a.example.com, mktorest.com', true],
    ['a.example.com mktorest.com', true],
    ['mktorest.com:443', true],
    ['*', true],
    ['mktorest.com:8443', false],
    ['torest.com', false],
    ['mktorest.com.example.com', false],
    ['example.com', false],
    ['.', false],
    [',', false],
    ['', false],
  ])('is none for what NO_PROXY=%s covers: %p', (NO_PROXY, covered) => {
    expect(proxyUrlFor(MARKETO, { ...PROXY, NO_PROXY }) === undefined).toBe(covered);
    expect(proxyUrlFor(MARKETO, { ...PROXY, no_proxy: NO_PROXY }) === undefined).toBe(covered);
  });

  it('is shown without its credentials', () => {
    expect(proxyFor(MARKETO, { HTTPS_PROXY: 'http://me:s3cret@proxy:3128/path' })).toBe('http://proxy:3128');
    expect(proxyFor(MARKETO, {})).toBeUndefined();
  });

  it('is told as a way to go', () => {
    expect(wayTo(MARKETO, { HTTPS_PROXY: 'http://me:s3cret@proxy:3128' })).toBe('through the proxy http://proxy:3128');
    expect(wayTo(MARKETO, { ...PROXY, NO_PROXY: '*' })).toBe('directly');
  });

  it.each(['socks5://me:s3cret@proxy:1080', 'http://', 'http://s3cret:x:y'])(
    '%s is refused by its name alone',
    (url) => {
      expect(() => proxyUrlFor(MARKETO, { HTTPS_PROXY: url })).toThrow(/^HTTPS_PROXY is not the URL of a proxy/);
      expect(() => proxyUrlFor(MARKETO, { HTTPS_PROXY: url })).not.toThrow(/s3cret/);
    },
  );
});
