// libpq, PostgreSQL's client library, loaded at run time. nexusd is one program: with SQLite it needs no package of
// PostgreSQL, and only `--database postgresql://…` asks for libpq5.
//
// Refused: linking with libpq, because every installation would need it; a second program, because two would be built,
// packaged and tried; a plugin of ours, because the interface between it and nexusd would be a binary interface that we
// have to keep. libpq's own is kept by PostgreSQL under the name libpq.so.5, and its header declares every type here.
//
// Threads: any. The functions of a connection belong to one thread at a time.
#pragma once
#include <libpq-fe.h>

namespace nexus::store {

// Pipelines came with libpq 14. What is newer must not be named here.
#define NEXUS_LIBPQ_FUNCTIONS(each)                                                                                 \
  each(PQconnectdbParams) each(PQfinish) each(PQconninfoParse) each(PQconninfoFree) each(PQfreemem) each(PQstatus)  \
      each(PQreset) each(PQsetErrorVerbosity) each(PQbackendPID) each(PQtransactionStatus) each(PQparameterStatus)  \
          each(PQserverVersion) each(PQerrorMessage) each(PQhost) each(PQdb) each(PQsocket) each(PQsetnonblocking)  \
              each(PQsetNoticeReceiver) each(PQenterPipelineMode) each(PQexitPipelineMode) each(PQpipelineSync)     \
                  each(PQflush) each(PQsendQuery) each(PQsendQueryParams) each(PQsendPrepare)                       \
                      each(PQsendQueryPrepared) each(PQconsumeInput) each(PQisBusy) each(PQgetResult) each(PQclear) \
                          each(PQresultStatus) each(PQresultErrorField) each(PQcmdStatus) each(PQcmdTuples)         \
                              each(PQntuples) each(PQnfields) each(PQftype) each(PQgetisnull) each(PQgetvalue)      \
                                  each(PQgetlength) each(PQnotifies)

/// The functions that we call, by their own names: `libpq().PQfinish(connection)`.
struct Libpq {
#define NEXUS_LIBPQ_MEMBER(name) decltype(&::name) name = nullptr;
  NEXUS_LIBPQ_FUNCTIONS(NEXUS_LIBPQ_MEMBER)
#undef NEXUS_LIBPQ_MEMBER
};

/// Loads a library and finds every function in it. It stays loaded. Throws SchemaError, one line for the operator.
/// Tests name other libraries; everybody else calls libpq().
Libpq load_libpq(const char* file);

/// The table, filled by the first call. Throws SchemaError, and tries again in the next call.
const Libpq& libpq();

}  // namespace nexus::store
