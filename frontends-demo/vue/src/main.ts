import { createApp } from "vue";
import App from "./App.vue";
import { connect, CONNECTION } from "./composables/useConnection";
import "./base.css";

const here = location.origin + location.pathname.replace(/[^/]*$/, "");
const server = new URLSearchParams(location.search).get("server") ?? here;

const app = createApp(App);
app.provide(CONNECTION, app.runWithContext(() => connect(server.replace(/\/$/, ""))));
app.mount("#app");
