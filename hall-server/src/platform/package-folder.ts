import { existsSync } from 'node:fs';

/** The nearest folder, from this one upwards, that has a `package.json`. */
function packageFrom(folder: URL): URL {
  if (existsSync(new URL('package.json', folder))) return folder;
  const above = new URL('../', folder);
  if (above.href === folder.href) throw new Error('the program does not lie in its package');
  return packageFrom(above);
}

/** The folder of this package, whether it runs from source, compiled or bundled. Ends in a slash. */
export const packageFolder = packageFrom(new URL('./', import.meta.url));
