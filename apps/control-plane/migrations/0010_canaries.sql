CREATE TABLE "models" (
	"name" text PRIMARY KEY NOT NULL,
	"digest" text NOT NULL,
	"default_steps" integer NOT NULL,
	"first_seen_at" timestamp with time zone DEFAULT now() NOT NULL,
	"last_seen_at" timestamp with time zone DEFAULT now() NOT NULL,
	"retired_at" timestamp with time zone,
	"retired_by" text
);
--> statement-breakpoint
CREATE TABLE "canaries" (
	"model" text NOT NULL,
	"revision" text NOT NULL,
	"state" text NOT NULL,
	"percent" double precision NOT NULL,
	"min_generations" integer NOT NULL,
	"max_error_increase" double precision NOT NULL,
	"max_refusal_increase" double precision NOT NULL,
	"significance" double precision NOT NULL,
	"reason" text,
	"watched_from" timestamp with time zone DEFAULT now() NOT NULL,
	"changed_at" timestamp with time zone DEFAULT now() NOT NULL,
	"changed_by" text NOT NULL,
	PRIMARY KEY ("model", "revision")
);
--> statement-breakpoint
CREATE UNIQUE INDEX "canaries_one_of_model" ON "canaries" ("model") WHERE "state" <> 'retired';
