import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);
import{require_node_http}from"./chunk-4QKMOSFX.js";import"./chunk-MTO7E2RK.js";export default require_node_http();
