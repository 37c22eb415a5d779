import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);
import{__commonJS,__require}from"./chunk-MTO7E2RK.js";var require_node_http=__commonJS({"required:node:http"(exports,module){module.exports=__require("node:http")}});export{require_node_http};
