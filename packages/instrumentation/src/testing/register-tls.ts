import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * A certificate for `localhost` that signs itself (authority, server and client in one) and its key, valid for 100 years.
 * Made by `openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 36500 -subj /CN=localhost
 * -addext subjectAltName=DNS:localhost -addext basicConstraints=critical,CA:TRUE`. It protects nothing.
 */
export const TLS_CERTIFICATE = `-----BEGIN CERTIFICATE-----
MIIBlTCCATugAwIBAgIUUMKvUuEeRVJLa0IjfhzdsQNEoE4wCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyNDExNTgyM1oYDzIxMjYxMDMx
MTE1ODIzWjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAASMAqptdc6I81ZugUX+Xih5xUneAP9HywRIsQiYbEO3IFrFN0UOy1SJ
4XETNYZ1RUrkSZ+4MdiVGFqDRKqEXGE3o2kwZzAdBgNVHQ4EFgQUGeGUIpn8pjkh
NnV1gw01raJe9nQwHwYDVR0jBBgwFoAUGeGUIpn8pjkhNnV1gw01raJe9nQwFAYD
VR0RBA0wC4IJbG9jYWxob3N0MA8GA1UdEwEB/wQFMAMBAf8wCgYIKoZIzj0EAwID
SAAwRQIgY/DlDvf9di5Yv6u9kcKvqJwQ/cP7VJeaT89x96Xz5DQCIQCkHsPlRIbO
xmzX9KgAq6VP2+CwuIIeYd+9Ot8eQomDZA==
-----END CERTIFICATE-----
`;

export const TLS_KEY = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgqbZdCEHqn1a/rehn
yvdex//T8LSuag++ELrVvtTrYUehRANCAASMAqptdc6I81ZugUX+Xih5xUneAP9H
ywRIsQiYbEO3IFrFN0UOy1SJ4XETNYZ1RUrkSZ+4MdiVGFqDRKqEXGE3
-----END PRIVATE KEY-----
`;

/** Both as files, for variables that name files. */
export function writeTlsFiles(): { certificate: string; key: string; garbage: string; remove: () => void } {
  const directory = mkdtempSync(join(tmpdir(), 'heapfloor-tls-'));
  const write = (name: string, text: string): string => {
    const path = join(directory, name);
    writeFileSync(path, text);
    return path;
  };
  return {
    certificate: write('certificate.pem', TLS_CERTIFICATE),
    key: write('key.pem', TLS_KEY),
    garbage: write('garbage.pem', 'not a certificate'),
    remove: () => rmSync(directory, { recursive: true }),
  };
}
