CREATE INDEX "generations_status" ON "generations" ("status", "id") WHERE "status" <> 'succeeded';
--> statement-breakpoint
CREATE INDEX "generations_error" ON "generations" ("error_code", "id") WHERE "error_code" IS NOT NULL;
--> statement-breakpoint
CREATE INDEX "generations_model" ON "generations" ("model", "id");
--> statement-breakpoint
CREATE INDEX "generations_key" ON "generations" ("key_id", "id");
--> statement-breakpoint
CREATE INDEX "generations_worker" ON "generations" ("worker", "id") WHERE "worker" IS NOT NULL;
