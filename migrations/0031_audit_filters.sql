-- GET /audit also finds rows by token, request and run. The indexes are over the sealed body itself, so that there is
-- no column which a verifier would have to compare with it. A body has one layout (docs/audit-format.md): each value
-- stands between a mark that is nowhere else in it and the next quote. A body that was tampered with disturbs nobody.
-- Most requests are found by their trace: without a traceparent it is the request's own id.
CREATE INDEX audit_rows_by_token ON audit_rows (tenant_id, env,
  CASE WHEN instr(body, '"token":"') > 0
    THEN substr(substr(body, instr(body, '"token":"') + 9),
      1, instr(substr(body, instr(body, '"token":"') + 9), '"') - 1)
  END,
  seq);
CREATE INDEX audit_rows_by_request ON audit_rows (tenant_id, env,
  CASE WHEN instr(body, '],"request_id":"') > 0
    THEN substr(substr(body, instr(body, '],"request_id":"') + 16),
      1, instr(substr(body, instr(body, '],"request_id":"') + 16), '"') - 1)
  END,
  seq)
  WHERE CASE WHEN instr(body, '],"request_id":"') > 0
      THEN substr(substr(body, instr(body, '],"request_id":"') + 16),
        1, instr(substr(body, instr(body, '],"request_id":"') + 16), '"') - 1)
    END
    <> trace_id;
CREATE INDEX audit_rows_by_run ON audit_rows (tenant_id, env,
  CASE WHEN instr(body, '","run_id":"') > 0
    THEN substr(substr(body, instr(body, '","run_id":"') + 12),
      1, instr(substr(body, instr(body, '","run_id":"') + 12), '"') - 1)
  END,
  seq)
  WHERE instr(body, '","run_id":"') > 0;
