import process from 'node:process';

/*
 * Imported before anything else by what runs the core. libuv reads the number when the first file is asked for, and its
 * default of 4 is soon all waiting for disks to sync the vault's shards, with every other read and write behind them.
 */
process.env.UV_THREADPOOL_SIZE ??= '16';
