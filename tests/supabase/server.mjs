// A Supabase-compatible server that others wrote (@supabase/lite: GoTrue's and PostgREST's protocols on plain PostgreSQL), as its
// documentation says to embed it. `lite start` would do but for two things that only this way can be set:
// - it makes JSON of JSON arguments twice, so that a function of (jsonb) gets a text; texts are passed on as they are here.
// - its mail server must offer TLS there; the test's is plain.
import { App, SmtpEmailDriver } from "@supabase/lite";
import { createPostgresConnection } from "@supabase/lite/postgres";
import { serve } from "@hono/node-server";

const given = JSON.parse(process.env.LITE);
const mails = new URL(given.mail_server);
const serialize = (value) => (typeof value === "string" ? value : JSON.stringify(value));
const connection = createPostgresConnection({
  url: given.database,
  postgresOptions: {
    onnotice() {},
    types: { jsonb: { to: 3802, from: [3802], serialize, parse: JSON.parse } },
  },
});
const app = new App({
  connection,
  api: { enabled: true, schemas: given.schemas },
  auth: {
    enabled: true,
    jwt_secret: given.jwt_secret,
    publishable_key: given.publishable_key,
    secret_key: given.secret_key,
    site_url: given.redirect_to, // It sends everybody there, whatever a request says.
    email: {
      enable_confirmations: true,
      template: { magic_link: { subject: "Sign in", content_path: given.template } },
    },
  },
  options: {
    drivers: {
      email: new SmtpEmailDriver({
        host: mails.hostname,
        port: Number(mails.port),
        secure: false,
        requireTls: false,
        from: "bot@example.com",
      }),
    },
  },
});
await app.ensureSystemSchema();
const peer = (env) => ({ peerAddress: env.incoming.socket.remoteAddress ?? null });
serve(
  { hostname: "127.0.0.1", port: 0, fetch: (request, env) => app.fetch(request, peer(env)) },
  ({ port }) => console.log(`listening on ${port}`),
);
// It ends with the test that started it.
process.stdin.on("end", () => process.exit(0)).resume();
