/* Records the SQL of a process that uses SQLite: preloaded (LD_PRELOAD), it appends each statement that runs to the
   file named by RECORDED_SQL, with the kinds of values that its parameters have got. A record is the kinds, one after
   another and separated by commas (i integer, r real, t text, p pointer, several letters where several were seen, none
   where only NULL was), the byte 0x1F, the text, and the byte 0x1E. A process writes what it has not written before;
   what several processes write stands there several times. Every function may be called by any thread. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct sqlite3 sqlite3;
typedef struct sqlite3_stmt sqlite3_stmt;
int sqlite3_bind_parameter_count(sqlite3_stmt*);
const char* sqlite3_sql(sqlite3_stmt*);

enum { kSlots = 4096, kKinds = 4, kRecordMax = 64 << 10 };
static const char kLetters[kKinds + 1] = "irtp";

struct Prepared {
  sqlite3_stmt* statement;
  struct Prepared* next;
  int parameters;
  int is_new;           /* since its last record */
  unsigned char seen[]; /* of each parameter, a bit for each kind */
};

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static struct Prepared* prepared[kSlots];
static uint64_t* written; /* hashes of what was recorded */
static size_t written_count, written_room;

static void* real(const char* name) {
  void* found = dlsym(RTLD_NEXT, name);
  if (found == NULL) abort();
  return found;
}
#define REAL(name)                      \
  static __typeof__(&name) real_##name; \
  if (real_##name == NULL) real_##name = (__typeof__(&name))real(#name)

static struct Prepared** slot_of(sqlite3_stmt* statement) {
  struct Prepared** at = &prepared[((uintptr_t)statement >> 4) % kSlots];
  while (*at != NULL && (*at)->statement != statement) at = &(*at)->next;
  return at;
}

/* A statement's address may be that of an earlier one, which has ended. */
static void remember(sqlite3_stmt* statement) {
  const int parameters = sqlite3_bind_parameter_count(statement);
  struct Prepared* fresh = calloc(1, sizeof *fresh + (size_t)parameters);
  if (fresh == NULL) abort();
  fresh->statement = statement;
  fresh->parameters = parameters;
  fresh->is_new = 1;
  struct Prepared** at = slot_of(statement);
  if (*at != NULL) {
    struct Prepared* old = *at;
    fresh->next = old->next;
    free(old);
  }
  *at = fresh;
}

static void see(sqlite3_stmt* statement, int parameter, int kind) {
  pthread_mutex_lock(&mutex);
  struct Prepared* known = *slot_of(statement);
  if (known != NULL && parameter >= 1 && parameter <= known->parameters && !(known->seen[parameter - 1] >> kind & 1)) {
    known->seen[parameter - 1] |= (unsigned char)(1 << kind);
    known->is_new = 1;
  }
  pthread_mutex_unlock(&mutex);
}

static int is_written(uint64_t hash) {
  for (size_t i = 0; i < written_count; ++i)
    if (written[i] == hash) return 1;
  if (written_count == written_room) {
    written_room = written_room == 0 ? 1024 : 2 * written_room;
    written = realloc(written, written_room * sizeof *written);
    if (written == NULL) abort();
  }
  written[written_count++] = hash;
  return 0;
}

static void append(const char* record, size_t bytes) {
  uint64_t hash = 14695981039346656037ULL;
  for (size_t i = 0; i < bytes; ++i) hash = (hash ^ (unsigned char)record[i]) * 1099511628211ULL;
  const char* path = getenv("RECORDED_SQL");
  if (path == NULL || is_written(hash)) return;
  const int file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (file < 0) return; /* a process that may not write there, such as one in a sandbox */
  if (write(file, record, bytes) != (ssize_t)bytes) abort();
  close(file);
}

static void record(sqlite3_stmt* statement) {
  pthread_mutex_lock(&mutex);
  struct Prepared* known = *slot_of(statement);
  const char* sql = sqlite3_sql(statement);
  if (known != NULL && known->is_new && sql != NULL) {
    known->is_new = 0;
    char* text = malloc(kRecordMax);
    if (text == NULL) abort();
    size_t at = 0;
    for (int i = 0; i < known->parameters && at < kRecordMax / 2; ++i) {
      if (i > 0) text[at++] = ',';
      for (int kind = 0; kind < kKinds; ++kind)
        if (known->seen[i] >> kind & 1) text[at++] = kLetters[kind];
    }
    const int more = snprintf(text + at, kRecordMax - at, "\x1f%s\x1e", sql);
    if (more > 0 && (size_t)more < kRecordMax - at) append(text, at + (size_t)more);
    free(text);
  }
  pthread_mutex_unlock(&mutex);
}

int sqlite3_prepare_v3(sqlite3* db, const char* sql, int bytes, unsigned flags, sqlite3_stmt** out, const char** tail) {
  REAL(sqlite3_prepare_v3);
  const int code = real_sqlite3_prepare_v3(db, sql, bytes, flags, out, tail);
  if (code == 0 && *out != NULL) {
    pthread_mutex_lock(&mutex);
    remember(*out);
    pthread_mutex_unlock(&mutex);
  }
  return code;
}

int sqlite3_step(sqlite3_stmt* statement) {
  REAL(sqlite3_step);
  record(statement);
  return real_sqlite3_step(statement);
}

int sqlite3_bind_int64(sqlite3_stmt* statement, int parameter, long long value) {
  REAL(sqlite3_bind_int64);
  see(statement, parameter, 0);
  return real_sqlite3_bind_int64(statement, parameter, value);
}

int sqlite3_bind_double(sqlite3_stmt* statement, int parameter, double value) {
  REAL(sqlite3_bind_double);
  see(statement, parameter, 1);
  return real_sqlite3_bind_double(statement, parameter, value);
}

int sqlite3_bind_text64(sqlite3_stmt* statement, int parameter, const char* text, unsigned long long bytes,
                        void (*release)(void*), unsigned char encoding) {
  REAL(sqlite3_bind_text64);
  see(statement, parameter, 2);
  return real_sqlite3_bind_text64(statement, parameter, text, bytes, release, encoding);
}

int sqlite3_bind_pointer(sqlite3_stmt* statement, int parameter, void* object, const char* type,
                         void (*release)(void*)) {
  REAL(sqlite3_bind_pointer);
  see(statement, parameter, 3);
  return real_sqlite3_bind_pointer(statement, parameter, object, type, release);
}
