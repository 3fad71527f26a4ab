// Starts Swagger UI with the documents that the page lists. validatorUrl null: no badge that asks another host. Its logo
// is left out, because it brings an inline style that the page's policy forbids.
const at = document.getElementById("console");
SwaggerUIBundle({
  domNode: at,
  urls: JSON.parse(at.dataset.documents),
  presets: [SwaggerUIBundle.presets.apis, SwaggerUIStandalonePreset],
  plugins: [() => ({ components: { Logo: () => null } })],
  layout: "StandaloneLayout",
  validatorUrl: null,
  deepLinking: true,
  tryItOutEnabled: true,
  defaultModelsExpandDepth: 0,
});
