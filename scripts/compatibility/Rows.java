// Writes and reads databases with the RocksDB of the Java package on the class path, for
// scripts/compatibility.mjs. Prints one line: `rows N sha256`, or `error text`.

import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import org.rocksdb.*;

public class Rows {
  public static void main(String[] args) throws Exception {
    RocksDB.loadLibrary();
    try {
      switch (args[0]) {
        case "read" -> read(args[1], args.length > 2 ? args[2] : "");
        case "write" -> write(args[1]);
        default -> throw new IllegalArgumentException(args[0]);
      }
    } catch (RocksDBException error) {
      System.out.println("error " + error.getMessage().replace('\n', ' '));
    }
  }

  // All families with RocksDB's defaults; `merging` has the operator that the rows need.
  static List<ColumnFamilyDescriptor> families(String path) throws RocksDBException {
    final List<ColumnFamilyDescriptor> found = new ArrayList<>();
    try (Options options = new Options()) {
      for (byte[] name : RocksDB.listColumnFamilies(options, path)) {
        final ColumnFamilyOptions own = new ColumnFamilyOptions();
        if (new String(name).equals("merging")) own.setMergeOperatorName("stringappend");
        found.add(new ColumnFamilyDescriptor(name, own));
      }
    }
    return found;
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

  // With the defaults of this RocksDB: two families, rows in tables and rows in the WAL alone.
  static void write(String path) throws Exception {
    final List<ColumnFamilyHandle> handles = new ArrayList<>();
    final List<ColumnFamilyDescriptor> families =
        List.of(new ColumnFamilyDescriptor(RocksDB.DEFAULT_COLUMN_FAMILY),
            new ColumnFamilyDescriptor("users".getBytes()));
    try (DBOptions options =
             new DBOptions().setCreateIfMissing(true).setCreateMissingColumnFamilies(true);
        RocksDB db = RocksDB.open(options, path, families, handles)) {
      for (int i = 0; i < 2000; i += 1) put(db, handles, i);
      db.deleteRange(handles.get(0), key(100), key(200));
      try (FlushOptions flush = new FlushOptions().setWaitForFlush(true)) {
        db.flush(flush, handles);
      }
      for (int i = 2000; i < 2100; i += 1) put(db, handles, i);
      print(db, new ArrayList<>(handles));
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
