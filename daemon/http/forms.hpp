// The part of the dispatcher for gated forms. Everything that the head says is judged, gates included, before a byte of
// the body is read. Then the file streams to storage. Then the write runs like any other, and judges all of it again in
// its transaction.
//
// Idempotency: the body's digest is known only at its end. When an answer is stored for the key, the body is read for
// its digest alone, and nothing is stored.
//
// A crash may come between the object and the row that names it. So the key is noted in `pending_objects` before the
// object becomes visible, and the write that names the object removes the note. sweep_pending removes what is still
// noted.
#pragma once
#include <exception>
#include <memory>

#include "daemon/http/writes.hpp"
#include "store/pace.hpp"

namespace nexus::http {

/// A form on its way: Forms::open, its chunks, Forms::close. Its last owner must release it on a thread that may block.
class FormRun;
using FormRunPtr = std::shared_ptr<FormRun>;

/// Whether this request's body is a form for a FormHandler.
bool takes_form(const Exchange& exchange);
/// The sink of the body's chunks; nullptr when the body must not be read.
ChunkSink* body_of(FormRun& form);

class Forms {
 public:
  /// All must outlive it.
  Forms(Common& common, const Admission& admission, Idempotency& idempotency, Writes& writes)
      : common_(common), admission_(admission), idempotency_(idempotency), writes_(writes) {}

  /// Judges all that can be judged before the body, gates included. Throws Problem.
  FormRunPtr open(const ExchangePtr& exchange);
  /// Runs the write once the whole body was read, or none is wanted. On a thread that may block.
  void close(const FormRunPtr& form, const Done& done);
  /// The answer when its body did not come or could not be read. `form` is null when `open` failed. The form's last
  /// owner removes what was stored of it.
  Response refuse(const FormRunPtr& form, const Exchange& exchange, const std::exception_ptr& error);

 private:
  void run(FormRun& form);
  void note_pending(const Exchange& exchange, const StoredFile& file);

  Common& common_;
  const Admission& admission_;
  Idempotency& idempotency_;
  Writes& writes_;
};

/// Removes objects that were noted before `before` and never named by a row, as many as the stint allows. Returns
/// whether more may wait. Blocks.
bool sweep_pending(store::Stint& stint, blobs::BlobStore& blobs, Micros before);

}  // namespace nexus::http
