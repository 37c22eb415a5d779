import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);
import{createWorld}from"./chunk-DU7FHCW2.js";import"./chunk-YBWJSKIM.js";import"./chunk-MTO7E2RK.js";export{createWorld};
