// Writes and reads databases with the RocksDB of the Java package on the class path, for
// scripts/compatibility.mjs. Prints a line for each directory: `rows N sha256`, or `error text`.
//
//   java Rows read DIRECTORY WAL-FOLDER ...     the folder is empty where it is the directory
//   java Rows write|change DIRECTORY

import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import org.rocksdb.*;

public class Rows {
  public static void main(String[] args) throws Exception {
    RocksDB.loadLibrary();
    if (args[0].equals("read")) {
      for (int i = 1; i < args.length; i += 2) {
        final int at = i;
        answer(() -> read(args[at], args[at + 1]));
      }
    } else if (args[0].equals("write")) {
      answer(() -> write(args[1]));
    } else {
      answer(() -> change(args[1]));
    }
  }

  interface Work {
    void run() throws Exception;
  }

  static void answer(Work work) throws Exception {
    try {
      work.run();
    } catch (RocksDBException error) {
      System.out.println("error " + error.getMessage().replace('\n', ' '));
    }
    System.out.flush();
  }

  // All families with RocksDB's defaults; `merging` has the operator that the rows need.
  static List<ColumnFamilyDescriptor> families(String path) throws RocksDBException {
    final List<ColumnFamilyDescriptor> found = new ArrayList<>();
    try (Options options = new Options()) {
      for (byte[] name : RocksDB.listColumnFamilies(options, path)) found.add(family(name));
    }
    // Older packages say nothing of what they cannot list; then opening says it.
    if (found.isEmpty()) found.add(family(RocksDB.DEFAULT_COLUMN_FAMILY));
    return found;
  }

  static ColumnFamilyDescriptor family(byte[] name) {
    final ColumnFamilyOptions own = new ColumnFamilyOptions();
    if (new String(name).equals("merging")) own.setMergeOperatorName("stringappend");
    return new ColumnFamilyDescriptor(name, own);
  }

  static void read(String path, String walDir) throws Exception {
    final List<ColumnFamilyHandle> handles = new ArrayList<>();
    try (DBOptions options = new DBOptions()) {
      if (!walDir.isEmpty()) options.setWalDir(walDir);
      try (RocksDB db = RocksDB.openReadOnly(options, path, families(path), handles)) {
        print(db, handles);
      }
    }
  }

  static void print(RocksDB db, List<ColumnFamilyHandle> handles) throws Exception {
    final MessageDigest digest = MessageDigest.getInstance("SHA-256");
    long rows = 0;
    handles.sort((a, b) -> name(a).compareTo(name(b)));
    for (ColumnFamilyHandle handle : handles) {
      try (RocksIterator row = db.newIterator(handle)) {
        for (row.seekToFirst(); row.isValid(); row.next(), rows += 1) {
          update(digest, name(handle).getBytes());
          update(digest, row.key());
          update(digest, row.value());
        }
        row.status();
      }
    }
    final StringBuilder hex = new StringBuilder();
    for (byte b : digest.digest()) hex.append(String.format("%02x", b));
    System.out.println("rows " + rows + " " + hex.substring(0, 16));
  }

  static String name(ColumnFamilyHandle handle) {
    try {
      return new String(handle.getName());
    } catch (RocksDBException error) {
      throw new IllegalStateException(error);
    }
  }

  static void update(MessageDigest digest, byte[] bytes) {
    digest.update((byte) bytes.length);
    digest.update(bytes);
  }

  // With the defaults of this RocksDB: three families, rows in tables and rows in the WAL alone.
  static void write(String path) throws Exception {
    final List<ColumnFamilyHandle> handles = new ArrayList<>();
    final List<ColumnFamilyDescriptor> families = List.of(family(RocksDB.DEFAULT_COLUMN_FAMILY),
        family("users".getBytes()), family("merging".getBytes()));
    try (DBOptions options =
             new DBOptions().setCreateIfMissing(true).setCreateMissingColumnFamilies(true);
        RocksDB db = RocksDB.open(options, path, families, handles)) {
      for (int i = 0; i < 2000; i += 1) put(db, handles, i);
      db.deleteRange(handles.get(0), key(100), key(200));
      try (FlushOptions flush = new FlushOptions().setWaitForFlush(true)) {
        db.flush(flush, handles);
      }
      for (int i = 2000; i < 2100; i += 1) put(db, handles, i);
      db.merge(handles.get(2), key(5), "and more".getBytes());
      print(db, new ArrayList<>(handles));
    }
  }

  // Opens it for writing, as its own RocksDB would again.
  static void change(String path) throws Exception {
    final List<ColumnFamilyHandle> handles = new ArrayList<>();
    try (DBOptions options = new DBOptions();
        RocksDB db = RocksDB.open(options, path, families(path), handles)) {
      for (ColumnFamilyHandle handle : handles)
        db.put(handle, "changed by them".getBytes(), "again".getBytes());
      print(db, handles);
    }
  }

  static void put(RocksDB db, List<ColumnFamilyHandle> handles, int i) throws RocksDBException {
    for (ColumnFamilyHandle handle : handles)
      db.put(handle, key(i), ("a value that is like others " + i).getBytes());
  }

  static byte[] key(int i) {
    return String.format("key%06d", i).getBytes();
  }
}
