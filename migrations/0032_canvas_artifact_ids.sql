-- A presigned link names a canvas artifact by its id alone.
CREATE UNIQUE INDEX canvas_artifacts_by_id ON canvas_artifacts (tenant_id, env, artifact_id);
