import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);
import{a}from"./chunk-22IBVPM4.js";import"./chunk-EASUZBX5.js";export default a();
