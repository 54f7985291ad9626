// Loaded before a server as the negative control of the power cut: its store believes that it syncs every commit, and does not.
const Database = require(require.resolve('better-sqlite3', { paths: [process.cwd()] }));
const { pragma } = Database.prototype;
Database.prototype.pragma = function (text, options) {
  if (/^\s*synchronous\s*=/.test(text)) return pragma.call(this, 'synchronous = NORMAL', options);
  if (/^\s*synchronous\s*$/.test(text)) return 2;
  return pragma.call(this, text, options);
};
