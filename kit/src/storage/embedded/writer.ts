/** The writer thread: the only connection that writes to its file, one order after the other. */
import { getPriority, setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { StoreError } from '../port.js';
import { GroupApplier, OutcomeUnknown } from './apply.js';
import { type Database, openDatabase } from './binding.js';
import { type AnswerMessage, type Order, type OrderMessage, READY, type WriterData } from './messages.js';
import { Meta } from './meta.js';
import { prune } from './prune.js';
import { alignTables } from './rebuild.js';
import { CollectionTables } from './tables.js';
import { verifyTables } from './verify.js';

const port = parentPort;
if (!port) throw new Error('the writer runs as a worker thread');
const { file, plans } = workerData as WriterData;

/** Of the kernel's scale of niceness. */
const STEPS_BACK = 5;
const LOWEST_PRIORITY = 19;

standBack();

function open(): Database {
  // A connection that closes holds the file for a moment: its last checkpoint.
  const db = openDatabase(file, { timeout: 5_000 });
  db.exec('PRAGMA journal_mode = WAL');
  // Full: the log is synced at every commit, so that an acknowledged one survives a power cut, not only a crash of the process.
  db.exec('PRAGMA synchronous = FULL');
  db.exec('PRAGMA cache_size = -32000; PRAGMA temp_store = MEMORY');
  // Fewer, larger checkpoints: a page changed by many commits is copied into the file once.
  db.exec('PRAGMA wal_autocheckpoint = 4000; PRAGMA journal_size_limit = 67108864');
  return db;
}

function start(): (order: Order) => AnswerMessage['answer'] {
  const db = open();
  let meta: Meta | undefined;
  const facts = () => (meta ??= new Meta(db));
  alignTables(db, facts, plans, file);
  const collections = new Map(plans.map((plan) => [plan.name, new CollectionTables(db, facts(), plan)]));
  const applier = new GroupApplier(db, facts(), collections);
  return (order) => {
    switch (order.kind) {
      case 'group':
        return applier.apply(order.group);
      case 'prune':
        return prune(db, facts(), order.order);
      case 'verify':
        return verifyTables(db, facts(), plans);
      case 'close':
        // Closing would do it too, were it sure that every statement is finalised by then: the file alone is the whole database.
        foldLog(db);
        db.close();
        return undefined;
    }
  };
}

function foldLog(db: Database): void {
  try {
    db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  } catch {
    // On a full disk, say. Nothing is lost: what is in the write-ahead log is durable, and folded when the file is opened again.
  }
}

/**
 * Where cores are short the thread that answers requests goes first: this one gets a third of its share. Linux alone has a priority per thread; elsewhere it
 * would be the whole process's.
 */
function standBack(): void {
  if (process.platform !== 'linux') return;
  try {
    setPriority(Math.min(LOWEST_PRIORITY, getPriority() + STEPS_BACK));
  } catch {
    // A sandbox may forbid it; then this thread writes as urgently as any.
  }
}

function answer(sequence: number, make: () => AnswerMessage['answer']): void {
  let message: AnswerMessage;
  try {
    const made = make();
    message = made === undefined ? { sequence } : { sequence, answer: made };
  } catch (error) {
    // Thrown out of the message handler it ends this thread, and with it the store.
    if (error instanceof OutcomeUnknown) throw error;
    const code = error instanceof StoreError && error.code === 'INVALID' ? 'INVALID' : 'UNAVAILABLE';
    message = { sequence, fault: { message: error instanceof Error ? error.message : String(error), code } };
  }
  port?.postMessage(message);
}

let obey: ((order: Order) => AnswerMessage['answer']) | undefined;
answer(READY, () => {
  obey = start();
  return undefined;
});
port.on('message', ({ sequence, order }: OrderMessage) => {
  answer(sequence, () => {
    if (!obey) throw new StoreError('UNAVAILABLE', 'the writer could not open its file');
    return obey(order);
  });
  if (order.kind === 'close') port.close();
});
