CREATE TABLE "model_registrations" (
	"model" text PRIMARY KEY NOT NULL,
	"digest" text NOT NULL,
	"source" text NOT NULL,
	"required" boolean NOT NULL,
	"registered_at" timestamp with time zone DEFAULT now() NOT NULL,
	"registered_by" text NOT NULL
);
