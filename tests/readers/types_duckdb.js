// Prints, for each CSV named, a line "file<TAB>column<TAB>type", as DuckDB sees it without options.
const path = require('path');
const {createRequire} = require('module');
// The library was installed into this folder by tests/readers/install.
const {DuckDBInstance} = createRequire(path.join(process.env.DUCKDB_FOLDER, 'x.js'))('@duckdb/node-api');

(async () => {
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  for (const file of process.argv.slice(2)) {
    const columns = (await connection.runAndReadAll(`DESCRIBE SELECT * FROM '${file}'`)).getRowObjects();
    for (const {column_name: column, column_type: type} of columns) {
      const counted = await connection.runAndReadAll(`SELECT count("${column}") AS n FROM '${file}'`);
      const kind = Number(counted.getRowObjects()[0].n) === 0 ? 'empty'
          : /INT|DOUBLE|DECIMAL|FLOAT/.test(type) ? 'number'
          : type === 'BOOLEAN' ? 'boolean'
          : type === 'VARCHAR' || type === 'TIMESTAMP WITH TIME ZONE' ? 'text' : type;
      console.log([path.basename(file), column, kind].join('\t'));
    }
  }
})();
