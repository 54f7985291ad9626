/** Child process of the migration test: brings a store up to a folder of migrations and says when it begins. */
import { pathToFileURL } from 'node:url';
import { migrate, openForWriting } from './database.ts';

const [, , path = '', folder = ''] = process.argv;
const db = openForWriting(path);
process.stdout.write('begin\n');
migrate(db, pathToFileURL(`${folder}/`));
process.stdout.write('end\n');
